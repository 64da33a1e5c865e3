// Package shim re-exports the Docker provider, whose own package is internal to its module.
// The module's path lies below that of the provider, so Go lets it import what is internal there.
package shim

import (
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

// NewProvider returns the provider's schema and operations; version only names it in user agents.
func NewProvider(version string) *schema.Provider {
	return provider.New(version)()
}
