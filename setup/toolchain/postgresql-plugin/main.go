// Command pulumi-resource-postgresql serves the resource types that this project uses of the npm package
// @pulumi/postgresql, under the same tokens and property names. It stands in for the official plugin, which is in no
// package registry.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	p "github.com/pulumi/pulumi-go-provider"
)

// version is that of the npm package whose tokens and properties are served.
const version = "3.18.1"

func main() {
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		// The engine holds the other end of stdin. When it was killed it could not end its plugins.
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	if err := p.RunProvider(ctx, "postgresql", version, newProvider()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
