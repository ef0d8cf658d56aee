{{/* The release's own name, the first part of every object's name. */}}
{{- define "tocsin.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 36 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}{{- .Release.Name | trunc 36 | trimSuffix "-" -}}{{- else -}}{{- printf "%s-%s" .Release.Name $name | trunc 36 | trimSuffix "-" -}}{{- end -}}
{{- end -}}
{{- end -}}

{{/* Labels that select: they never change, because a selector is immutable. Takes {root, component}. */}}
{{- define "tocsin.selector" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{/* Labels that tell. Takes {root, component}. */}}
{{- define "tocsin.labels" -}}
{{ include "tocsin.selector" . }}
app.kubernetes.io/part-of: tocsin
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | quote }}
{{- end -}}

{{/* The name of the account that all pods run under; it carries no token and no right. */}}
{{- define "tocsin.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}{{ default (include "tocsin.fullname" .) .Values.serviceAccount.name }}{{- else -}}{{ default "default" .Values.serviceAccount.name }}{{- end -}}
{{- end -}}

{{/* One image reference: global registry before own, digest before tag. Takes {root, image, name}. */}}
{{- define "tocsin.image" -}}
{{- $registry := default .image.registry .root.Values.global.image.registry -}}
{{- $repository := default (printf "tocsin/%s" .name) .image.repository -}}
{{- $path := printf "%s/%s" $registry $repository -}}
{{- if .image.digest -}}{{ printf "%s@%s" $path .image.digest }}{{- else -}}{{ printf "%s:%s" $path (default .root.Chart.AppVersion .image.tag) }}{{- end -}}
{{- end -}}
