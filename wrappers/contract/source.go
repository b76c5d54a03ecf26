package contract

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// writeSource adds the source to x-sources if a change names it and it is not
// there.
func (w *patcher) writeSource() {
	key, list := field(w.doc.root, "x-sources")
	if !w.named || list == nil {
		return
	}
	for _, item := range list.Content {
		if _, id := field(item, "id"); id != nil && id.Value == w.source {
			return
		}
	}
	if list.Kind != yaml.SequenceNode || list.Style&yaml.FlowStyle != 0 || len(list.Content) == 0 {
		w.note("/x-sources: lacks %s", w.source)
		return
	}
	source := mapping("id", w.source)
	set(source, "title", scalarNode("Traffic compared with this description"))
	if address := w.address(); address != "" {
		set(source, "address", scalarNode(address))
	} else {
		set(source, "document", scalarNode(w.source))
	}
	set(source, "edition", scalarNode(time.Now().UTC().Format(time.DateOnly)))
	set(source, "operations", &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle})
	lines := encode(source, list.Content[0].Column-1)
	lines[0] = strings.Repeat(" ", list.Content[0].Column-3) + "- " + strings.TrimLeft(lines[0], " ")
	w.doc.add(key, list, lines...)
}

// address returns where the description says that the API is.
func (w *patcher) address() string {
	_, servers := field(w.doc.root, "servers")
	if servers == nil || len(servers.Content) == 0 {
		return ""
	}
	_, url := field(servers.Content[0], "url")
	if url == nil {
		return ""
	}
	return url.Value
}
