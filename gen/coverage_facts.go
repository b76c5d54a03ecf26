package main

import (
	"cmp"
	"slices"
	"strings"
)

// facts returns the operations, parameters, component schemas and properties of
// the spec with their effective certainty, sorted by kind and name.
func (s *spec) facts() []fact {
	var all []fact
	add := func(kind, name string, e *element) { all = append(all, fact{kind, name, e.certainty()}) }
	for _, op := range s.tree.operations() {
		add("operation", operationLabel(op), op)
	}
	for _, p := range s.tree.of(kindParameter) {
		if p.within(kindCallback) == nil {
			add("parameter", parameterOwner(p)+"."+p.text("in")+"."+p.text("name"), p)
		}
	}
	for _, e := range s.tree.all {
		switch {
		case e.kind != kindSchema:
		case e.component():
			add("schema", e.name, e)
		case e.step == "properties":
			add("property", propertyName(e), e)
		}
	}
	kinds := factKinds()
	slices.SortStableFunc(all, func(a, b fact) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// operationLabel returns the operationId, or method and path if there is none.
func operationLabel(op *element) string {
	return cmp.Or(op.text("operationId"), operationTitle(op))
}

// parameterOwner names the operation, path or component that a parameter is
// declared in.
func parameterOwner(p *element) string {
	switch {
	case p.component():
		return "components." + p.name
	case p.within(kindOperation) != nil:
		return operationLabel(p.within(kindOperation))
	default:
		return p.parent.name
	}
}

// propertyName returns the names that lead to a property, such as
// "LoginAnswer.metadata.session"; items of arrays are [] and members of maps {}.
func propertyName(e *element) string {
	name := ""
	for ; e != nil && e.kind == kindSchema; e = e.parent {
		switch {
		case e.component():
			return e.name + name
		case e.step == "properties":
			name = "." + e.name + name
		case e.step == "items":
			name = "[]" + name
		case e.step == "additionalProperties":
			name = "{}" + name
		}
	}
	if e == nil {
		return strings.TrimPrefix(name, ".")
	}
	return e.ptr + name
}

// countFacts counts facts per kind and certainty; the last count is the sum.
func countFacts(facts []fact) []certaintyCount {
	kinds := append(factKinds(), kindSum)
	counts := make([]certaintyCount, len(kinds))
	for i, k := range kinds {
		counts[i].Kind = k
		for _, f := range facts {
			if f.Kind == k || k == kindSum {
				counts[i].add(f.Certainty, 1)
			}
		}
	}
	return counts
}

func (c *certaintyCount) add(certainty string, n int) {
	switch certainty {
	case "documented":
		c.Documented += n
	case "observed":
		c.Observed += n
	case "inferred":
		c.Inferred += n
	default:
		c.Unknown += n
	}
}

// all returns the sum over all certainties.
func (c certaintyCount) all() int { return c.Documented + c.Observed + c.Inferred + c.Unknown }

// sumCoverage adds up vendors. The lists name the vendor before each operation.
func sumCoverage(vendors []vendorCoverage) vendorCoverage {
	sum := vendorCoverage{
		Vendor: "total", Omitted: []omittedOperation{}, Missing: []string{}, Conflicts: []string{}, Unnamed: []unnamedOperation{},
		Certainty: countFacts(nil),
	}
	for _, v := range vendors {
		prefix := v.Vendor + ": "
		sum.Named += v.Named
		sum.Covered += v.Covered
		sum.Operations += v.Operations
		sum.Detail.Full += v.Detail.Full
		sum.Detail.Partial += v.Detail.Partial
		sum.Detail.Path += v.Detail.Path
		sum.Detail.Unstated += v.Detail.Unstated
		for _, o := range v.Omitted {
			sum.Omitted = append(sum.Omitted, omittedOperation{prefix + o.Operation, o.Reason})
		}
		for _, name := range v.Missing {
			sum.Missing = append(sum.Missing, prefix+name)
		}
		for _, name := range v.Conflicts {
			sum.Conflicts = append(sum.Conflicts, prefix+name)
		}
		for _, u := range v.Unnamed {
			sum.Unnamed = append(sum.Unnamed, unnamedOperation{prefix + u.Operation, u.Certainty})
		}
		for i, c := range v.Certainty {
			sum.Certainty[i].Documented += c.Documented
			sum.Certainty[i].Observed += c.Observed
			sum.Certainty[i].Inferred += c.Inferred
			sum.Certainty[i].Unknown += c.Unknown
		}
	}
	return sum
}
