{{/* One service as a StatefulSet. Takes {root, name, svc, facts}. */}}
{{- define "tocsin.workload" -}}
{{- $about := dict "root" .root "component" .name -}}
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ printf "%s-%s" (include "tocsin.fullname" .root) .name }}
  labels: {{- include "tocsin.labels" $about | nindent 4 }}
  {{- with .svc.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- if not .svc.scaling.enabled }}
  replicas: {{ .svc.replicas }}
  {{- end }}
  selector:
    matchLabels: {{- include "tocsin.selector" $about | nindent 6 }}
  serviceName: {{ printf "%s-%s" (include "tocsin.fullname" .root) .name }}
  # Slots do not wait for one another; an update still goes one pod at a time.
  podManagementPolicy: Parallel
  updateStrategy: {type: RollingUpdate}
  {{- if eq .svc.storage.kind "claim" }}
  persistentVolumeClaimRetentionPolicy: {whenDeleted: Retain, whenScaled: Retain}
  volumeClaimTemplates:
    - metadata:
        name: data
        labels: {{- include "tocsin.selector" $about | nindent 10 }}
      spec:
        accessModes: [ReadWriteOnce]
        {{- with .svc.storage.className }}
        storageClassName: {{ . }}
        {{- end }}
        resources: {requests: {storage: {{ .svc.storage.size }}}}
  {{- end }}
  template:
    metadata:
      labels:
        {{- include "tocsin.labels" $about | nindent 8 }}
        {{- with .svc.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        # A changed setting restarts the pods, because settings are read once.
        checksum/config: {{ include "tocsin.environment" . | sha256sum }}
        {{- with .svc.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec: {{- include "tocsin.pod" . | nindent 6 }}
{{- end -}}

{{/* The pod of a service. Takes {root, name, svc, facts}. */}}
{{- define "tocsin.pod" -}}
serviceAccountName: {{ include "tocsin.serviceAccount" .root }}
automountServiceAccountToken: false
# A Service called "console" would put CONSOLE_PORT into every pod, where the console looks for its own setting.
enableServiceLinks: false
{{- with .root.Values.global.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext: {{- include "tocsin.podSecurity" . | nindent 2 }}
terminationGracePeriodSeconds: {{ .svc.terminationGracePeriodSeconds }}
{{- with .svc.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .svc.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .svc.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .svc.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .svc.spread.topologyKeys }}
topologySpreadConstraints:
  {{- range .svc.spread.topologyKeys }}
  - maxSkew: {{ $.svc.spread.maxSkew }}
    topologyKey: {{ . }}
    whenUnsatisfiable: {{ $.svc.spread.whenUnsatisfiable }}
    labelSelector:
      matchLabels: {{- include "tocsin.selector" (dict "root" $.root "component" $.name) | nindent 8 }}
  {{- end }}
{{- end }}
containers:
  - name: {{ .name }}
    image: {{ include "tocsin.image" (dict "root" .root "image" .svc.image "name" .name) | quote }}
    imagePullPolicy: {{ .svc.image.pullPolicy }}
    securityContext: {{- include "tocsin.containerSecurity" . | nindent 6 }}
    envFrom:
      - configMapRef: {name: {{ printf "%s-%s" (include "tocsin.fullname" .root) .name }}}
    {{- with include "tocsin.env" . | trim }}
    env: {{- . | nindent 6 }}
    {{- end }}
    ports:
      - {name: admin, containerPort: {{ include "tocsin.adminPort" . }}, protocol: TCP}
      {{- range .svc.service.ports }}
      - {name: {{ .name }}, containerPort: {{ .containerPort }}, protocol: {{ .protocol }}}
      {{- end }}
    startupProbe:
      httpGet: {path: /health, port: admin}
      {{- toYaml .svc.probes.startup | nindent 6 }}
    # Only "the event loop turns": a broker that is away must not restart the fleet.
    livenessProbe:
      httpGet: {path: /health, port: admin}
      {{- toYaml .svc.probes.liveness | nindent 6 }}
    readinessProbe:
      httpGet: {path: /ready, port: admin}
      {{- toYaml .svc.probes.readiness | nindent 6 }}
    lifecycle:
      # The endpoint goes first, the process after it: nothing is sent to a pod that no longer listens.
      preStop: {sleep: {seconds: {{ .svc.preStopSleepSeconds }}}}
    resources: {{- toYaml .svc.resources | nindent 6 }}
    volumeMounts: {{- include "tocsin.mounts" . | nindent 6 }}
volumes: {{- include "tocsin.volumes" . | nindent 2 }}
{{- end -}}
