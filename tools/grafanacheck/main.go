// Checks a dashboard on standard input with the types that Grafana publishes of its dashboards, panels and queries:
// fields that are missing, mistyped or unknown, panels that Grafana does not have, and values out of bounds.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	plugins.RegisterDefaultPlugins()
	content, err := io.ReadAll(os.Stdin)
	found := problems("input", err)
	if len(found) == 0 {
		found = check(content)
	}
	for _, one := range found {
		fmt.Println(one)
	}
	if len(found) > 0 {
		os.Exit(1)
	}
}

func check(content []byte) cog.BuildErrors {
	board := dashboard.Dashboard{}
	found := problems("dashboard", board.UnmarshalJSONStrict(content))
	found = append(found, problems("dashboard", board.Validate())...)
	return append(found, panels(content)...)
}

// panels looks at what the strict decoding of a panel takes as it comes: its type, and how its fields are shown.
func panels(content []byte) cog.BuildErrors {
	board := struct {
		Panels []struct {
			Type        string
			FieldConfig json.RawMessage
		}
	}{}
	found := problems("dashboard", json.Unmarshal(content, &board))
	for number, one := range board.Panels {
		path := fmt.Sprintf("dashboard.panels[%d]", number)
		if _, known := cog.ConfigForPanelcfgVariant(one.Type); !known && one.Type != "row" {
			found = append(found, problems(path+".type", fmt.Errorf("Grafana has no panel '%s'", one.Type))...)
		}
		config := dashboard.FieldConfigSource{}
		found = append(found, problems(path+".fieldConfig", config.UnmarshalJSONStrict(one.FieldConfig))...)
	}
	return found
}

// problems are those of an error; the strict decoding gives a list also where it found nothing.
func problems(path string, err error) cog.BuildErrors {
	if err == nil {
		return nil
	}
	return cog.MakeBuildErrors(path, err)
}
