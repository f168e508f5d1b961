"""What speaks to the company's tools: a contract, the HTTP client it hands out, and the tools."""
