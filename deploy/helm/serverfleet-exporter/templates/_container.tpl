{{/* How the program is started, and what it sees. */}}

{{- define "serverfleet.arguments" -}}
{{- if .Values.demo.enabled -}}
- demo
- --servers={{ int .Values.demo.servers }}
{{- else -}}
- run
- --config=/etc/serverfleet/config.yaml
{{- end }}
- --listen=:10450
- --log.format={{ .Values.log.format }}
- --log.level={{ .Values.log.level }}
{{- if not .Values.demo.enabled }}
{{- if .Values.web.existingSecret }}
- --web.config.file=/etc/serverfleet-web/config/{{ .Values.web.key }}
{{- end }}
{{- if gt (int .Values.shards) 1 }}
- --shard.index=$(SHARD_INDEX)
- --shard.total={{ int .Values.shards }}
{{- end }}
{{- if .Values.stateFile.enabled }}
- --state.file=/var/lib/serverfleet/state
{{- end }}
{{- end }}
{{- with .Values.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "serverfleet.environment" -}}
{{- if gt (int .Values.shards) 1 }}
- name: SHARD_INDEX
  valueFrom:
    fieldRef:
      fieldPath: metadata.labels['apps.kubernetes.io/pod-index']
{{- end }}
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The path is asked where anybody may ask; where not, whether the port is open. */}}
{{- define "serverfleet.probe" -}}
{{- if .values.web.authentication -}}
tcpSocket:
  port: metrics
{{- else -}}
httpGet:
  path: {{ .path }}
  port: metrics
  scheme: {{ ternary "HTTPS" "HTTP" .values.web.tls }}
{{- end }}
{{ toYaml .times }}
{{- end -}}

{{- define "serverfleet.container" -}}
name: exporter
image: {{ include "serverfleet.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
args:
  {{- include "serverfleet.arguments" . | nindent 2 }}
{{- with include "serverfleet.environment" . | trim }}
env:
  {{- . | nindent 2 }}
{{- end }}
{{- with .Values.envFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
ports:
  - name: metrics
    containerPort: 10450
    protocol: TCP
livenessProbe:
  {{- include "serverfleet.probe" (dict "values" .Values "path" "/-/healthy" "times" .Values.livenessProbe) | nindent 2 }}
readinessProbe:
  {{- include "serverfleet.probe" (dict "values" .Values "path" "/-/ready" "times" .Values.readinessProbe) | nindent 2 }}
resources:
  {{- toYaml .Values.resources | nindent 2 }}
securityContext:
  {{- toYaml .Values.securityContext | nindent 2 }}
{{- with include "serverfleet.mounts" . | trim }}
volumeMounts:
  {{- . | nindent 2 }}
{{- end }}
{{- end -}}
