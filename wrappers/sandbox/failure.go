package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// A failureRule tells from the body of an answer that the call failed although
// the HTTP status says otherwise. It is the x-failure of a description. The
// zero value finds no failure.
type failureRule struct {
	path    string   // of the deciding member
	success []string // texts that mean success; anything else is failure
	from    float64  // without success: numbers from this one up are failures
}

var errFailureRule = errors.New("x-failure is neither none nor value with success or from")

// newFailureRule reads x-failure, that of the operation before that of the file.
func newFailureRule(file, operation map[string]any) (failureRule, error) {
	found, ok := operation["x-failure"]
	if !ok {
		found, ok = file["x-failure"]
	}
	if !ok || found == "none" {
		return failureRule{}, nil
	}
	rule := failureRule{path: text(found, "value")}
	if rule.path == "" && text(found, "code")+text(found, "message") != "" {
		return failureRule{}, nil // only says where the text of a refusal stands
	}
	success, listed := member(found, "success")
	if list, ok := success.([]any); listed && ok {
		for _, value := range list {
			rule.success = append(rule.success, fmt.Sprint(value))
		}
	}
	from, numbered := member(found, "from")
	if number, ok := from.(float64); numbered && ok {
		rule.from = number
	}
	if rule.path == "" || listed == numbered || (rule.success == nil && rule.from == 0) {
		return failureRule{}, errFailureRule
	}
	return rule, nil
}

// failed tells whether body reports a failure.
func (r failureRule) failed(body any) bool {
	if r.path == "" {
		return false
	}
	value, ok := member(body, r.path)
	if r.success != nil {
		return !ok || !slices.Contains(r.success, fmt.Sprint(value))
	}
	number, err := strconv.ParseFloat(fmt.Sprint(value), 64)
	return ok && err == nil && number >= r.from
}
