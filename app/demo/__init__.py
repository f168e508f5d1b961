"""The sample company: invented people around real, public, free learning resources."""
