"""The work over HTTP: serializers and views; the rules are elsewhere."""
