// Command pulumi-resource-docker serves the Docker provider's resources under the tokens of the npm package
// @pulumi/docker. It stands in for the official plugin, which only comes from Pulumi's download host.
package main

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
)

// version is that of the npm package whose tokens and properties are served.
const version = "5.2.0"

func main() {
	// The engine asks a plugin for its schema only for code generation, which the stand-in does not serve.
	tfbridge.Main("docker", version, providerInfo(), []byte(`{"name":"docker","version":"`+version+`"}`))
}
