package contract

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A failureRule is an x-failure that names the values of a member which mean
// success. The zero value is for answers that no such rule judges.
type failureRule struct {
	path    path // to the member
	success []string
}

// newFailureRule reads x-failure, that of the operation before that of the file.
func newFailureRule(operation, file map[string]any) failureRule {
	found, ok := operation["x-failure"]
	if !ok {
		found = file["x-failure"]
	}
	entries, _ := found.(map[string]any)
	value, _ := entries["value"].(string)
	list, _ := entries["success"].([]any)
	if value == "" || len(list) == 0 {
		return failureRule{}
	}
	rule := failureRule{path: strings.Split(value, ".")}
	for _, item := range list {
		rule.success = append(rule.success, fmt.Sprint(item))
	}
	return rule
}

// decision returns what is to be decided before a status that was not described
// can be: the rule would take all of its answers for failures. It returns "" if
// there is nothing to decide.
func (r failureRule) decision(status int, tree *seen) string {
	if len(r.path) == 0 || tree.types == 0 || status/100 != http.StatusOK/100 || r.mark(sample(tree), tree) {
		return ""
	}
	return fmt.Sprintf("has no %s that x-failure takes for success: decide whether it is a failure", r.path)
}

// mark makes a made-up value of a shape a success by the rule, and reports
// whether it is one.
func (r failureRule) mark(value *yaml.Node, shape *seen) bool {
	for _, name := range r.path {
		if shape == nil || shape.types&^null != object {
			return false
		}
		shape = shape.members[name]
		_, value = field(value, name)
	}
	if value == nil || value.Kind != yaml.ScalarNode {
		return false
	}
	for _, text := range r.success {
		if _, err := strconv.ParseInt(text, 10, 64); value.Tag == "!!str" || value.Tag == "!!int" && err == nil {
			value.Value = text
		}
	}
	return slices.Contains(r.success, value.Value)
}
