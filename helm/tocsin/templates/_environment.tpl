{{/* Where things lie inside every container. */}}
{{- define "tocsin.secretsFolder" -}}/run/secrets/tocsin{{- end -}}
{{- define "tocsin.adminPort" -}}9600{{- end -}}

{{/* The Kafka identity of one service: its own where named, else the one for all. Takes {root, svc}. */}}
{{- define "tocsin.kafkaClientSecret" -}}
{{- default .root.Values.kafka.clientCertSecret.name .svc.kafka.clientCertSecret -}}
{{- end -}}
{{- define "tocsin.kafkaSaslSecret" -}}
{{- default .root.Values.kafka.sasl.secret.name .svc.kafka.saslSecret -}}
{{- end -}}

{{/*
Settings as one map of environment names. Secrets stand in it only as the names of mounted files, so that none is seen in
an environment dump, in `kubectl describe` or in Helm's history. Takes {root, name, svc, facts}; gives YAML.
*/}}
{{- define "tocsin.environment" -}}
{{- $v := .root.Values -}}
{{- $secrets := include "tocsin.secretsFolder" . -}}
TOCSIN_PROFILE: production
TOCSIN_DATA: /data
TOCSIN_ADMIN_PORT: {{ include "tocsin.adminPort" . | quote }}
TOCSIN_LOG_LEVEL: {{ .svc.logLevel }}
KAFKA_BROKERS: {{ join "," $v.kafka.brokers | quote }}
KAFKA_SECURITY_PROTOCOL: {{ $v.kafka.securityProtocol }}
{{- with $v.kafka.caSecret }}
{{- if .name }}
KAFKA_SSL_CA_FILE: {{ printf "%s/kafka-ca/%s" $secrets .key | quote }}
{{- end }}
{{- end }}
{{- if eq $v.kafka.securityProtocol "ssl" }}
KAFKA_SSL_CERT_FILE: {{ printf "%s/kafka-client/%s" $secrets $v.kafka.clientCertSecret.certKey | quote }}
KAFKA_SSL_KEY_FILE: {{ printf "%s/kafka-client/%s" $secrets $v.kafka.clientCertSecret.keyKey | quote }}
{{- else }}
KAFKA_SASL_MECHANISM: {{ $v.kafka.sasl.mechanism }}
{{- if $v.kafka.sasl.username }}
KAFKA_SASL_USERNAME: {{ $v.kafka.sasl.username | quote }}
{{- else }}
KAFKA_SASL_USERNAME_FILE: {{ printf "%s/kafka-sasl/%s" $secrets $v.kafka.sasl.secret.usernameKey | quote }}
{{- end }}
KAFKA_SASL_PASSWORD_FILE: {{ printf "%s/kafka-sasl/%s" $secrets $v.kafka.sasl.secret.passwordKey | quote }}
{{- end }}
REGISTRY_URL: {{ $v.registry.url | quote }}
{{- if $v.registry.caSecret.name }}
# Node.js adds these authorities to its own; the registry client has no setting of its own for them.
NODE_EXTRA_CA_CERTS: {{ printf "%s/registry-ca/%s" $secrets $v.registry.caSecret.key | quote }}
{{- end }}
{{- if .facts.elasticsearch }}
ELASTICSEARCH_URL: {{ $v.elasticsearch.url | quote }}
ELASTICSEARCH_API_KEY_FILE: {{ printf "%s/elasticsearch-key/%s" $secrets $v.elasticsearch.apiKeySecret.key | quote }}
{{- if $v.elasticsearch.caSecret.name }}
ELASTICSEARCH_CA_FILE: {{ printf "%s/elasticsearch-ca/%s" $secrets $v.elasticsearch.caSecret.key | quote }}
{{- end }}
{{- end }}
{{- $prefix := .name | upper | replace "-" "_" }}
{{- range $key, $value := .svc.config }}
{{ printf "%s_%s" $prefix $key }}: {{ include "tocsin.plain" $value | quote }}
{{- end }}
{{- end -}}

{{/* A number as written: Helm reads 1000000 as a float and would print 1e+06. */}}
{{- define "tocsin.plain" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) -}}{{ printf "%.0f" . }}{{- else -}}{{ . }}{{- end -}}
{{- end -}}

{{/* What only the pod itself knows, and what the operator adds. Takes {root, svc, facts}. */}}
{{- define "tocsin.env" -}}
# The pod's own address serves both address families; the probes ask it there.
- name: TOCSIN_ADMIN_HOST
  valueFrom: {fieldRef: {fieldPath: status.podIP}}
{{- if not .facts.job }}
# Stable across restarts, so that a returning pod fences its former self and takes its own changelog back.
- name: TOCSIN_SLOT
  valueFrom: {fieldRef: {fieldPath: "metadata.labels['apps.kubernetes.io/pod-index']"}}
{{- end }}
{{- with .svc.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Secret folders of one service as a map folder → secret name. Takes {root, svc, facts}; gives YAML. */}}
{{- define "tocsin.secretFolders" -}}
{{- $v := .root.Values -}}
{{- with $v.kafka.caSecret.name }}
kafka-ca: {{ . }}
{{- end }}
{{- if eq $v.kafka.securityProtocol "ssl" }}
kafka-client: {{ include "tocsin.kafkaClientSecret" . }}
{{- else }}
kafka-sasl: {{ include "tocsin.kafkaSaslSecret" . }}
{{- end }}
{{- with $v.registry.caSecret.name }}
registry-ca: {{ . }}
{{- end }}
{{- if .facts.elasticsearch }}
elasticsearch-key: {{ $v.elasticsearch.apiKeySecret.name }}
{{- with $v.elasticsearch.caSecret.name }}
elasticsearch-ca: {{ . }}
{{- end }}
{{- end }}
{{- range $folder, $secret := .svc.secretFiles }}
{{- if $secret }}
{{ $folder }}: {{ $secret }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Volume mounts and volumes that every pod has. Take {root, svc, facts}. */}}
{{- define "tocsin.mounts" -}}
- {name: tmp, mountPath: /tmp}
- {name: data, mountPath: /data}
{{- range $folder, $secret := include "tocsin.secretFolders" . | fromYaml }}
- {name: {{ printf "secret-%s" $folder }}, mountPath: {{ printf "%s/%s" (include "tocsin.secretsFolder" $) $folder }}, readOnly: true}
{{- end }}
{{- end -}}

{{- define "tocsin.volumes" -}}
- name: tmp
  emptyDir: {sizeLimit: {{ .svc.storage.tmpSize }}}
{{- if ne .svc.storage.kind "claim" }}
- name: data
  emptyDir: {sizeLimit: {{ .svc.storage.size }}}
{{- end }}
{{- range $folder, $secret := include "tocsin.secretFolders" . | fromYaml }}
- name: {{ printf "secret-%s" $folder }}
  # 0440: the group is fsGroup, which the process belongs to.
  secret: {secretName: {{ $secret }}, defaultMode: 288}
{{- end }}
{{- end -}}

{{/* What Pod Security `restricted` asks for, and a little more. */}}
{{- define "tocsin.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}
{{- define "tocsin.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
{{- end -}}
