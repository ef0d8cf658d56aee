{{/*
What the code decides and no value may change: which services talk to Elasticsearch, and which settings an operator
must give because no default can be right. Every service is a StatefulSet, because
its number (TOCSIN_SLOT, the pod's ordinal) names its consumer group member, its transactional producer and its audit
chain: two pods with one number would fence each other for ever.
*/}}
{{- define "tocsin.facts" -}}
syslog-ingest: {elasticsearch: false}
normalizer: {elasticsearch: false}
enrichment: {elasticsearch: false}
correlation-engine: {elasticsearch: false}
incident-manager: {elasticsearch: false}
notifier: {elasticsearch: false}
reporter: {elasticsearch: false}
national-feed-exporter: {elasticsearch: false, required: [FTPS_HOST, ORGANIZATION, PREFIX]}
indexer: {elasticsearch: true}
console: {elasticsearch: true}
{{- end -}}

{{/*
One service's values over `defaults`. Written out because mergeOverwrite of maps keeps a true where the override says
false. Takes {base, over}; gives YAML.
*/}}
{{- define "tocsin.merge" -}}
{{- $out := deepCopy .base -}}
{{- range $key, $value := .over -}}
{{- if and (kindIs "map" $value) (kindIs "map" (get $out $key)) -}}
{{- $_ := set $out $key (include "tocsin.merge" (dict "base" (get $out $key) "over" $value) | fromYaml) -}}
{{- else -}}
{{- $_ := set $out $key $value -}}
{{- end -}}
{{- end -}}
{{- toYaml $out -}}
{{- end -}}

{{/* A service's settled values. Takes {root, name}; gives YAML. */}}
{{- define "tocsin.settled" -}}
{{- include "tocsin.merge" (dict "base" .root.Values.defaults "over" (get .root.Values.services .name | default dict)) -}}
{{- end -}}
