"""checkov looks for checks only in a package."""
