package contract

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// patchContentTypes adds the media types that are not described. One that was
// seen with JSON gets the schema of the JSON that is described.
func (w *patcher) patchContentTypes() {
	seen := map[string]map[string]types{} // by pointer and media type: a response may be that of many operations
	for _, f := range w.of(UnknownContentType) {
		if seen[f.Pointer] == nil {
			seen[f.Pointer] = make(map[string]types)
		}
		seen[f.Pointer][f.media] |= f.types
	}
	for _, pointer := range sortedKeys(seen) {
		content := w.doc.at(pointer)
		added := pairs()
		for _, mediaType := range sortedKeys(seen[pointer]) {
			var media *yaml.Node
			if seen[pointer][mediaType] != 0 {
				media = sameJSON(content)
			}
			if media == nil {
				media = opaque(mediaType)
			}
			set(media, "x-certainty", scalarNode("observed"))
			set(added, mediaType, media)
		}
		response := w.doc.at(strings.TrimSuffix(pointer, "/content"))
		switch {
		case editable(content):
			w.doc.addLast(content, encode(added, indentOf(content))...)
		case content == nil && editable(response):
			w.doc.addLast(response, encode(pairs("content", added), indentOf(response))...)
		default:
			w.note("%s: %s was seen, which is not described", pointer, strings.Join(sortedKeys(seen[pointer]), ", "))
		}
	}
}

// sameJSON returns a copy of the JSON that is described, with its first example;
// nil if there is none.
func sameJSON(content *yaml.Node) *yaml.Node {
	if content == nil {
		return nil
	}
	for i := 0; i+1 < len(content.Content); i += 2 {
		mediaType, _, _ := strings.Cut(content.Content[i].Value, ";")
		_, schema := field(content.Content[i+1], "schema")
		if !isJSON(strings.TrimSpace(mediaType)) || schema == nil {
			continue
		}
		media := pairs("schema", clone(schema))
		if _, list := field(content.Content[i+1], "examples"); list != nil && len(list.Content) > 1 {
			set(media, "examples", pairs(list.Content[0].Value, clone(list.Content[1])))
		}
		return media
	}
	return nil
}

// opaque describes a body of which only the media type is known.
func opaque(mediaType string) *yaml.Node {
	schema := mapping("type", "string")
	if !strings.HasPrefix(mediaType, "text/") {
		set(schema, "format", scalarNode("binary"))
	}
	example := pairs("summary", scalarNode("The media type was seen; the body is not kept."), "value", scalarNode("text"))
	return pairs("schema", schema, "examples", pairs("seen", example))
}
