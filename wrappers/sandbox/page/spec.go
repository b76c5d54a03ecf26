package page

import (
	"bytes"
	"iter"

	"go.yaml.in/yaml/v3"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// entry returns the value of an entry of a mapping, or of the mapping that a
// document is; nil if there is none.
func entry(n *yaml.Node, name string) *yaml.Node {
	for key, value := range entries(n) {
		if key == name {
			return value
		}
	}
	return nil
}

// entries yields the entries of a mapping in their order.
func entries(n *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		if n != nil && n.Kind == yaml.DocumentNode && len(n.Content) > 0 {
			n = n.Content[0]
		}
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i].Value, n.Content[i+1]) {
				return
			}
		}
	}
}

// forStandin returns a description whose only server is the stand-in, and whose
// examples of credentials are those that it accepts. All else stays as it is,
// extensions included.
func forStandin(root *yaml.Node, vendor string) ([]byte, error) {
	servers := &yaml.Node{}
	if err := servers.Encode([]map[string]string{{"url": "/" + vendor, "description": "The stand-in of this sandbox."}}); err != nil {
		return nil, err
	}
	if old := entry(root, "servers"); old != nil {
		*old = *servers
	} else if len(root.Content) > 0 {
		root.Content[0].Content = append(root.Content[0].Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "servers"}, servers)
	}
	for _, item := range entries(entry(root, "paths")) {
		for _, op := range entries(item) {
			if security := entry(op, "security"); security == nil || len(security.Content) > 0 {
				continue // no login
			}
			for _, media := range entries(entry(entry(op, "requestBody"), "content")) {
				for _, example := range entries(entry(media, "examples")) {
					setCredentials(entry(example, "value"))
				}
			}
		}
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	err := enc.Encode(root)
	return b.Bytes(), err
}

// setCredentials puts the credentials of the stand-ins into the example of a
// login, which is one that has a password and says whose.
func setCredentials(example *yaml.Node) {
	if entry(example, "password") == nil {
		return
	}
	login := false
	for name, value := range entries(example) {
		switch name {
		case "email", "username", "login":
			value.Value, login = sandbox.DemoLogin, true
		case "code":
			value.Value = sandbox.DemoCode
		}
	}
	if login {
		entry(example, "password").Value = sandbox.DemoPassword
	}
}
