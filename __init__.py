"""vcpd: what a verified answer costs, and whether this model may ship."""

__version__ = "0.1.0"
