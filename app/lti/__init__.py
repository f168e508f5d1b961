"""LTI 1.3 with Foyer as the platform: launches of simulations and labs, and picking in them."""
