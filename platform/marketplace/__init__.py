"""Jinqiao (津桥): a technology-transfer exchange for Beijing, Tianjin and Hebei."""
