{{/* What a schema cannot say: mistakes that would only show in a pod that does not start, or leak. */}}

{{- define "serverfleet.refusals" -}}
{{- $values := .Values -}}
{{- $config := $values.config -}}
{{- if not (or $values.demo.enabled $values.existingConfigMap $config.sources) -}}
{{- fail "config.sources is empty: list the APIs to poll there, name a ConfigMap in existingConfigMap, or look around with --set demo.enabled=true" -}}
{{- end -}}
{{- if hasKey $config "listen" -}}
{{- fail "config.listen: leave it out; the chart sets the port of the container, and service.port is the one to scrape" -}}
{{- end -}}
{{- range $index, $source := $config.sources -}}
{{- range $key := list "client_secret" "password" -}}
{{- $text := toString (get $source $key | default "") -}}
{{- if and $text (not (regexMatch "^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$" $text)) -}}
{{- fail (printf "config.sources[%d].%s: a secret must not stand in a ConfigMap: use %s_file with existingSecrets, or ${NAME} with env" $index $key $key) -}}
{{- end -}}
{{- end -}}
{{- $proxy := toString (dig "http" "proxy" "" $source) -}}
{{- if and (regexMatch "://[^/]*:.*@" $proxy) (not (regexMatch "://[^/:]*:\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}@" $proxy)) -}}
{{- fail (printf "config.sources[%d].http.proxy: a password must not stand in a ConfigMap: write the proxy as ${NAME}, with env" $index) -}}
{{- end -}}
{{- end -}}
{{- if gt (int $values.shards) 1 -}}
{{- include "serverfleet.refusals.shards" . -}}
{{- end -}}
{{- if and (or $values.web.tls $values.web.authentication $values.web.tlsSecret) (not $values.web.existingSecret) -}}
{{- fail "web.existingSecret is empty: name the Secret with web-config.yml, which says how TLS and authentication are done" -}}
{{- end -}}
{{- end -}}

{{- define "serverfleet.refusals.shards" -}}
{{- if .Values.demo.enabled -}}
{{- fail "shards: a demo has one; leave shards at 1" -}}
{{- end -}}
{{- if .Values.stateFile.existingClaim -}}
{{- fail "stateFile.existingClaim: every shard needs a claim of its own; leave it out, and each gets one" -}}
{{- end -}}
{{- if semverCompare "<1.28.0-0" .Capabilities.KubeVersion.Version -}}
{{- fail (printf "shards: more than one needs Kubernetes 1.28 or newer, which tells a pod its number; this is %s" .Capabilities.KubeVersion.Version) -}}
{{- end -}}
{{- end -}}
