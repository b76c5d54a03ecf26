package contract

import "go.yaml.in/yaml/v3"

// examples returns an example of a body with made-up values.
func examples(value *yaml.Node) *yaml.Node {
	return pairs("seen", pairs("summary", scalarNode("Its shape was seen, the values are made up."), "value", value))
}

// sample returns a value of the shape that was seen.
func sample(s *seen) *yaml.Node {
	switch set := s.types &^ null; {
	case set == 0:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	case set&object != 0:
		n := pairs()
		for _, name := range sortedKeys(s.members) {
			if name != stepAny {
				n.Content = append(n.Content, scalarNode(name), sample(s.members[name]))
			}
		}
		return n
	case set&array != 0:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		if s.items != nil {
			n.Content = append(n.Content, sample(s.items))
		}
		return n
	case set&text != 0:
		return scalarNode("text")
	case set&(integer|number) != 0:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: "1"}
	default:
		return yes()
	}
}
