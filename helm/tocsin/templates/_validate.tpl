{{/*
What the schema cannot say, because it depends on two values at once. All problems are reported together.
*/}}
{{- define "tocsin.validate" -}}
{{- $v := .Values -}}
{{- $problems := list -}}
{{- if not $v.kafka.brokers -}}
{{- $problems = append $problems "kafka.brokers is empty: name your brokers as host:port; the chart brings no Kafka" -}}
{{- end -}}
{{- if not $v.registry.url -}}
{{- $problems = append $problems "registry.url is empty: name your schema registry's Confluent-compatible address" -}}
{{- end -}}
{{- $noRegistry := list -}}
{{- $noIdentity := list -}}
{{- $noSearch := list -}}
{{- $facts := include "tocsin.facts" . | fromYaml -}}
{{- range $name, $_ := $v.services -}}
{{- $svc := include "tocsin.settled" (dict "root" $ "name" $name) | fromYaml -}}
{{- if $svc.enabled -}}
{{- $about := dict "root" $ "svc" $svc -}}
{{- if not (default $svc.image.registry $v.global.image.registry) }}{{ $noRegistry = append $noRegistry $name }}{{ end -}}
{{- if and (eq $v.kafka.securityProtocol "ssl") (not (include "tocsin.kafkaClientSecret" $about)) }}{{ $noIdentity = append $noIdentity $name }}{{ end -}}
{{- if and (eq $v.kafka.securityProtocol "sasl_ssl") (not (include "tocsin.kafkaSaslSecret" $about)) }}{{ $noIdentity = append $noIdentity $name }}{{ end -}}
{{- if and (get $facts $name).elasticsearch (not $v.elasticsearch.url) }}{{ $noSearch = append $noSearch $name }}{{ end -}}
{{- if and (get $facts $name).elasticsearch (not $v.elasticsearch.apiKeySecret.name) -}}
{{- $problems = append $problems "elasticsearch.apiKeySecret.name is empty: name the Secret that holds the API key" -}}
{{- end -}}
{{- range (get $facts $name).required -}}
{{- if not (get $svc.config .) -}}
{{- $problems = append $problems (printf "services.%s.config.%s is empty: no default can be right" $name .) -}}
{{- end -}}
{{- end -}}
{{- range $key, $value := $svc.config -}}
{{- $folder := regexFind "^/run/secrets/tocsin/[^/]+/" ($value | toString) | base -}}
{{- if and (hasPrefix "/run/secrets/tocsin/" ($value | toString)) (not (get $svc.secretFiles $folder)) -}}
{{- $problems = append $problems (printf "services.%s.config.%s names a file of the Secret folder %q: set services.%s.secretFiles.%s to the Secret's name" $name $key $folder $name $folder) -}}
{{- end -}}
{{- end -}}
{{- if and $svc.scaling.enabled (not $svc.scaling.topic) -}}
{{- $problems = append $problems (printf "services.%s: scaling needs the topic whose lag it follows: set services.%s.scaling.topic" $name $name) -}}
{{- end -}}
{{- if and $svc.scaling.enabled (gt (int $svc.scaling.minReplicas) (int $svc.scaling.maxReplicas)) -}}
{{- $problems = append $problems (printf "services.%s: scaling.minReplicas is above scaling.maxReplicas" $name) -}}
{{- end -}}
{{- if le (int $svc.terminationGracePeriodSeconds) (add (int $svc.preStopSleepSeconds) 10) -}}
{{- $problems = append $problems (printf "services.%s: terminationGracePeriodSeconds must exceed preStopSleepSeconds by more than the 10 s that a stop may take" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with $noRegistry -}}
{{- $problems = append $problems (printf "global.image.registry is empty (for %s): name it, so that no public registry is asked by accident" (join ", " .)) -}}
{{- end -}}
{{- with $noIdentity -}}
{{- $problems = append $problems (printf "no Kafka identity (for %s): set kafka.%s or each service's kafka.%s" (join ", " .) (ternary "clientCertSecret.name" "sasl.secret.name" (eq $v.kafka.securityProtocol "ssl")) (ternary "clientCertSecret" "saslSecret" (eq $v.kafka.securityProtocol "ssl"))) -}}
{{- end -}}
{{- with $noSearch -}}
{{- $problems = append $problems (printf "elasticsearch.url is empty (for %s): name yours, or switch these services off" (join ", " .)) -}}
{{- end -}}
{{- $syslog := include "tocsin.settled" (dict "root" . "name" "syslog-ingest") | fromYaml -}}
{{- if and $syslog.enabled (not $syslog.service.allowedCidrs) -}}
{{- $problems = append $problems "services.syslog-ingest.service.allowedCidrs is empty: list the address ranges that may send logs" -}}
{{- end -}}
{{- if and $v.ingress.enabled (not $v.ingress.host) -}}
{{- $problems = append $problems "ingress.host is empty: name the host under which people reach the console" -}}
{{- end -}}
{{- if and $v.ingress.enabled (not $v.ingress.tlsSecret) -}}
{{- $problems = append $problems "ingress.tlsSecret is empty: the console is served over TLS only" -}}
{{- end -}}
{{- if $problems -}}
{{- fail (printf "\n\n%d thing(s) to set before Tocsin can be installed:\n  - %s\n" (len $problems) (join "\n  - " ($problems | uniq))) -}}
{{- end -}}
{{- end -}}
