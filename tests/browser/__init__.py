"""The portals as a person meets them: in Chromium, driven by Playwright."""
