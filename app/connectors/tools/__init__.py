"""One module for each kind of tool; none knows another. `app.connectors.registry` lists them."""
