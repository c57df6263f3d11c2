{{/* Every file that the program reads, as a volume and at its place; each list in the same order. */}}

{{- define "serverfleet.mounts" -}}
{{- if not .Values.demo.enabled }}
- name: config
  mountPath: /etc/serverfleet
  readOnly: true
{{- end }}
{{- if .Values.secret.create }}
- name: secret
  mountPath: /run/secrets/serverfleet
  readOnly: true
{{- end }}
{{- range $index, $secret := .Values.existingSecrets }}
- name: secret-{{ $index }}
  mountPath: {{ default (printf "/run/secrets/%s" $secret.name) $secret.mountPath }}
  readOnly: true
{{- end }}
{{- range $index, $ca := .Values.extraCAs }}
- name: ca-{{ $index }}
  mountPath: /etc/ssl/serverfleet/{{ $ca.name }}
  readOnly: true
{{- end }}
{{- if .Values.web.existingSecret }}
- name: web
  mountPath: /etc/serverfleet-web/config
  readOnly: true
{{- end }}
{{- if .Values.web.tlsSecret }}
- name: web-tls
  mountPath: /etc/serverfleet-web/tls
  readOnly: true
{{- end }}
{{- if .Values.stateFile.enabled }}
- name: state
  mountPath: /var/lib/serverfleet
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Secrets are readable by the group of the pod (fsGroup) and nobody else. */}}
{{- define "serverfleet.volumes" -}}
{{- if not .Values.demo.enabled }}
- name: config
  configMap:
    name: {{ default (include "serverfleet.fullname" .) .Values.existingConfigMap }}
{{- end }}
{{- if .Values.secret.create }}
- name: secret
  secret: {secretName: {{ include "serverfleet.fullname" . }}, defaultMode: 0440}
{{- end }}
{{- range $index, $secret := .Values.existingSecrets }}
- name: secret-{{ $index }}
  secret:
    secretName: {{ $secret.name }}
    defaultMode: 0440
    {{- with $secret.items }}
    items:
      {{- toYaml . | nindent 6 }}
    {{- end }}
{{- end }}
{{- range $index, $ca := .Values.extraCAs }}
- name: ca-{{ $index }}
  {{- if $ca.configMap }}
  configMap: {name: {{ $ca.configMap }}}
  {{- else }}
  secret: {secretName: {{ $ca.secret }}, defaultMode: 0440}
  {{- end }}
{{- end }}
{{- with .Values.web.existingSecret }}
- name: web
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{- end }}
{{- with .Values.web.tlsSecret }}
- name: web-tls
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{- end }}
{{- if and .Values.stateFile.enabled (eq (int .Values.shards) 1) }}
- name: state
  persistentVolumeClaim:
    claimName: {{ default (printf "%s-state" (include "serverfleet.fullname" .)) .Values.stateFile.existingClaim }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "serverfleet.claim" -}}
accessModes:
  {{- toYaml .Values.stateFile.accessModes | nindent 2 }}
{{- with .Values.stateFile.storageClass }}
storageClassName: {{ . }}
{{- end }}
resources:
  requests:
    storage: {{ .Values.stateFile.size }}
{{- end -}}
