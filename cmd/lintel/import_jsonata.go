// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"lintel/transforms"
)

// jsonata turns expressions in JSONata, as z/OS Connect has them, into expressions of Lintel. What it does not
// know it refuses: nothing is guessed.
type jsonata struct {
	// reply is the record that $zosAssetResponse is, nil in requests; item is what $item is, with its type.
	reply    *transforms.Type
	item     *transforms.Type
	itemName string
	tokens   []string
	at       int
}

// errJSONata is returned for what is not known.
var errJSONata = errors.New("this JSONata is not known to the import")

// template turns a template of literals and {{expressions}} into a value of a transform: a literal, or an
// expression that begins with =.
func (j *jsonata) template(text string) (string, error) {
	var parts []string
	literal := ""
	flush := func() {
		if literal != "" {
			parts = append(parts, fmt.Sprintf("%q", literal))
		}
		literal = ""
	}
	for rest := text; rest != ""; {
		before, after, found := strings.Cut(rest, "{{")
		literal += before
		if !found {
			break
		}
		inner, tail, closed := strings.Cut(after, "}}")
		if !closed {
			return "", errJSONata
		}
		e, err := j.expression(inner)
		if err != nil {
			return "", err
		}
		if before == "" && literal == "" && tail == "" && len(parts) == 0 {
			return "=" + e, nil
		}
		flush()
		parts = append(parts, "text("+e+")")
		rest = tail
	}
	if len(parts) == 0 {
		if strings.HasPrefix(literal, "=") {
			literal = "=" + literal
		}
		return literal, nil
	}
	flush()
	return "=" + strings.Join(parts, " + "), nil
}

// expression turns an expression into one of Lintel, without the = in front.
func (j *jsonata) expression(text string) (string, error) {
	word := regexp.MustCompile(`^\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\$?[A-Za-z_][A-Za-z0-9_]*|[0-9]+(?:\.[0-9]+)?|!=|<=|>=|[().,?:=<>&*+/\-\[\]])`)
	j.tokens, j.at = nil, 0
	for rest := text; strings.TrimSpace(rest) != ""; {
		m := word.FindStringSubmatch(rest)
		if m == nil {
			return "", errJSONata
		}
		j.tokens = append(j.tokens, m[1])
		rest = rest[len(m[0]):]
	}
	out, err := j.choice()
	if err == nil && j.at < len(j.tokens) {
		err = errJSONata
	}
	return out, err
}

func (j *jsonata) peek() string {
	if j.at < len(j.tokens) {
		return j.tokens[j.at]
	}
	return ""
}

func (j *jsonata) take(token string) bool {
	if j.peek() != token {
		return false
	}
	j.at++
	return true
}

// choice is c ? a : b, and what is below it.
func (j *jsonata) choice() (string, error) {
	c, err := j.binary(0)
	if err != nil || !j.take("?") {
		return c, err
	}
	a, err := j.choice()
	if err != nil || !j.take(":") {
		return "", errors.Join(err, errJSONata)
	}
	b, err := j.choice()
	return fmt.Sprintf("%s ? %s : %s", c, a, b), err
}

// binary reads operators by their precedence.
func (j *jsonata) binary(level int) (string, error) {
	levels := []map[string]string{
		{"or": "or"},
		{"and": "and"},
		{"=": "==", "!=": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">="},
		{"&": "&"},
		{"+": "+", "-": "-"},
		{"*": "*", "/": "/"},
	}
	if level == len(levels) {
		return j.value()
	}
	left, err := j.binary(level + 1)
	for err == nil {
		operator, ok := levels[level][j.peek()]
		if !ok {
			break
		}
		j.at++
		var right string
		if right, err = j.binary(level + 1); err != nil {
			break
		}
		switch {
		case operator == "&":
			left = textWords(left) + " + " + textWords(right)
		case operator == "==" && right == "true": // a comparison that is compared
			continue
		case operator == "==" && right == "false":
			left = "not (" + left + ")"
		default:
			left = left + " " + operator + " " + right
		}
	}
	return left, err
}

// textWords makes a text of an operand; literals are texts already.
func textWords(e string) string {
	if strings.HasPrefix(e, `"`) || strings.HasPrefix(e, "text(") {
		return e
	}
	return "text(" + e + ")"
}

func (j *jsonata) value() (string, error) {
	token := j.peek()
	j.at++
	switch {
	case token == "":
		return "", errJSONata
	case token == "(":
		e, err := j.choice()
		if err != nil || !j.take(")") {
			return "", errors.Join(err, errJSONata)
		}
		return "(" + e + ")", nil
	case token == "-":
		e, err := j.value()
		return "-" + e, err
	case token[0] == '"' || token[0] == '\'':
		return fmt.Sprintf("%q", unquoteJSONata(token)), nil
	case token[0] >= '0' && token[0] <= '9', token == "true", token == "false":
		return token, nil
	case token == "null":
		return "nil", nil
	case token[0] == '$' && j.peek() == "(":
		return j.call(token)
	case token[0] == '$':
		return j.path(token)
	default:
		return "", errJSONata
	}
}

func unquoteJSONata(token string) string {
	return regexp.MustCompile(`\\(.)`).ReplaceAllString(token[1:len(token)-1], "$1")
}

// call is a function that Lintel has too.
func (j *jsonata) call(name string) (string, error) {
	j.at++
	var args []string
	for !j.take(")") {
		if len(args) > 0 && !j.take(",") {
			return "", errJSONata
		}
		e, err := j.choice()
		if err != nil {
			return "", err
		}
		args = append(args, e)
	}
	forms := map[string]string{
		"$exists/1": "%s != nil", "$contains/2": "%s contains %s", "$trim/1": "trim(%s)", "$uppercase/1": "upper(%s)",
		"$lowercase/1": "lower(%s)", "$string/1": "text(%s)", "$number/1": "number(%s)", "$abs/1": "abs(%s)", "$sum/1": "sum(%s)",
		"$substring/3": "part(%s, %s, %s)", "$substringBefore/2": "before(%s, %s)", "$substringAfter/2": "after(%s, %s)",
		"$not/1": "not (%s)", "$count/1": "len(%s)", "$boolean/1": "%s",
	}
	form, ok := forms[fmt.Sprintf("%s/%d", name, len(args))]
	if !ok {
		return "", errJSONata
	}
	values := make([]any, len(args))
	for i, a := range args {
		values[i] = a
	}
	return fmt.Sprintf(form, values...), nil
}

// path is a name with its members.
func (j *jsonata) path(root string) (string, error) {
	var steps []string
	for j.take(".") {
		token := j.peek()
		j.at++
		switch {
		case token == "":
			return "", errJSONata
		case token[0] == '"' || token[0] == '\'':
			steps = append(steps, unquoteJSONata(token))
		default:
			steps = append(steps, token)
		}
	}
	if j.peek() == "[" {
		return "", errJSONata
	}
	roots := map[string]string{"$body": "body", "$pathParameters": "path", "$queryParameters": "query", "$headers": "header", "$headerParameters": "header"}
	switch {
	case root == "$item" && j.item != nil:
		return hostPath(j.itemName, j.item, steps)
	case root == "$item" && j.itemName != "":
		return withMembers(j.itemName, steps), nil
	case root == "$zosAssetResponse" && j.reply != nil && len(steps) >= 2 && (steps[0] == "commarea" || steps[0] == "message"):
		return hostPath("reply", j.reply, steps[2:])
	case roots[root] != "":
		return withMembers(roots[root], steps), nil
	default:
		return "", errJSONata
	}
}

func withMembers(from string, steps []string) string {
	for _, s := range steps {
		from += memberAccess(s)
	}
	return from
}

// hostPath follows data-names through a record to the names that expressions have.
func hostPath(from string, t *transforms.Type, steps []string) (string, error) {
	for _, step := range steps {
		var found *transforms.Type
		for _, m := range t.Members {
			if strings.EqualFold(m.HostName, step) {
				found = m
			}
		}
		if found == nil {
			return "", fmt.Errorf("the record has no field %s there", step)
		}
		from, t = from+memberAccess(found.Name), found
	}
	return from, nil
}
