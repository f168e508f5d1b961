"""How the portal is: content, people, index, recommendations, health."""
