#!/usr/bin/env python3
"""Check rendered manifests against Kubernetes' own schemas, without a cluster.

usage: kubernetes.py --versions 1.30,1.37 [--crds DIR] FILE...

Core kinds are judged by kubernetes-validate, which carries the schemas of many versions; custom kinds by the CRDs below DIR.
One line per problem, exit code 1 where there is one. A custom kind without a CRD is a problem too, unless no DIR is given.
"""
import argparse
import pathlib
import sys

import jsonschema
import kubernetes_validate
import yaml


# YAML 1.1 reads a bare "=" as a type of its own, which PyYAML cannot build; one of the CRDs lists operators so.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: loader.construct_scalar(node))


def strict(node):
    """A schema that lists properties accepts no others; int-or-string becomes a real union."""
    if isinstance(node, list):
        return [strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    out = {key: ({name: strict(item) for name, item in value.items()} if key == "properties" else strict(value)) for key, value in node.items()}
    if "properties" in out and "additionalProperties" not in out and not out.get("x-kubernetes-preserve-unknown-fields"):
        out["additionalProperties"] = False
    return out


def custom_schemas(folder):
    """(apiVersion, kind) → validator, from every CRD below the folder."""
    found = {}
    for file in sorted(pathlib.Path(folder).rglob("*.yaml")) if folder else []:
        for crd in yaml.load_all(file.read_text(), Loader):
            if not isinstance(crd, dict) or crd.get("kind") != "CustomResourceDefinition":
                continue
            for version in crd["spec"]["versions"]:
                schema = version.get("schema", {}).get("openAPIV3Schema")
                if schema and version.get("served", True):
                    schema = strict(schema)
                    schema.setdefault("properties", {}).update(apiVersion={"type": "string"}, kind={"type": "string"}, metadata={"type": "object"})
                    found[f"{crd['spec']['group']}/{version['name']}", crd["spec"]["names"]["kind"]] = jsonschema.Draft7Validator(schema)
    return found


def custom(api_version):
    group = api_version.split("/")[0] if "/" in api_version else ""
    return "." in group and not group.endswith(".k8s.io")


def problems(document, name, versions, validators, judge_custom):
    if custom(document["apiVersion"]):
        validator = validators.get((document["apiVersion"], document["kind"]))
        if validator is None:
            return [f"{name}: no schema of {document['apiVersion']} {document['kind']} is at hand"] if judge_custom else []
        return [f"{name}: {'.'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in validator.iter_errors(document)]
    found = []
    for version in versions:
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            found.append(f"{name}: Kubernetes {version}: {'.'.join(map(str, error.path))}: {error.message[:300]}")
        except (kubernetes_validate.InvalidSchemaError, kubernetes_validate.SchemaNotFoundError) as error:
            found.append(f"{name}: Kubernetes {version}: {str(error)[:300]}")
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--versions", required=True)
    parser.add_argument("--crds", default="")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    validators = custom_schemas(options.crds)
    found, seen = [], 0
    for file in options.files:
        for document in yaml.load_all(pathlib.Path(file).read_text(), Loader):
            if not document:
                continue
            seen += 1
            name = f"{pathlib.Path(file).name}: {document['kind']} {document['metadata']['name']}"
            found += problems(document, name, options.versions.split(","), validators, bool(options.crds))
    if seen == 0:
        found.append("nothing was checked: the files hold no object")
    print("\n".join(found) if found else f"{seen} objects valid")
    return 1 if found else 0


sys.exit(main())
