// Checks what promtool checks with the same libraries: the alert rules of files, or the metrics on standard input.
package main

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

func main() {
	problems := 0
	report := func(text string) {
		fmt.Println(text)
		problems++
	}
	if len(os.Args) == 2 && os.Args[1] == "metrics" {
		found, err := promlint.New(os.Stdin).Lint()
		if err != nil {
			report(err.Error())
		}
		for _, one := range found {
			report(one.Metric + ": " + one.Text)
		}
	} else if len(os.Args) > 2 && os.Args[1] == "rules" {
		for _, file := range os.Args[2:] {
			_, errs := rulefmt.ParseFile(file, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.Default())
			for _, err := range errs {
				report(err.Error())
			}
		}
	} else {
		report("usage: promcheck rules FILE… | promcheck metrics < TEXT")
	}
	if problems > 0 {
		os.Exit(1)
	}
}
