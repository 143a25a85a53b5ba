"""Line icons on a 24-unit grid; each stands beside a word and is hidden from screen readers."""

ICONS = {
    "target": '<circle cx="12" cy="12" r="9"/><circle cx="12" cy="12" r="2.5" fill="currentColor" stroke="none"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3 2"/>',
    "check": '<path d="m4 13 5 5L20 7"/>',
    "cross": '<path d="M6 6l12 12M18 6 6 18"/>',
    "alert": '<path d="M12 4 2.5 20h19Z"/><path d="M12 10v4M12 17.2v.1"/>',
    "minus": '<path d="M5 12h14"/>',
    "page": '<path d="M6 3h8l4 4v14H6Z"/><path d="M9 11h6M9 15h6"/>',
    "arrow": '<path d="M4 12h16M14 6l6 6-6 6"/>',
    "pause": '<path d="M9 6v12M15 6v12"/>',
    "lock": '<rect x="5" y="11" width="14" height="9" rx="1"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5"/>',
    "menu": '<path d="M3 6h18M3 12h18M3 18h18"/>',
    "bell": '<path d="M6 17V11a6 6 0 0 1 12 0v6l2 2H4ZM10 21h4"/>',
    "down": '<path d="m6 9 6 6 6-6"/>',
    "book": '<path d="M12 6v14M12 6C10 4.5 7 4 3 4v14c4 0 7 .5 9 2 2-1.5 5-2 9-2V4c-4 0-7 .5-9 2Z"/>',
    "copy": '<rect x="9" y="9" width="11" height="11" rx="1"/><path d="M5 15H4V4h11v1"/>',
    "download": '<path d="M12 4v11M7 11l5 5 5-5M4 20h16"/>',
    "mark": '<path d="M7 4h10v16l-5-4-5 4Z"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v5M12 7.8v.1"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
}
TONE_ICONS = {"info": "target", "warn": "clock", "ok": "check", "bad": "cross", "neutral": "minus"}


def svg(name: str) -> str:
    """An icon's SVG; KeyError for a name nobody drew."""
    return f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{ICONS[name]}</svg>'
