"""OpenID for Verifiable Presentations 1.0: messages, validity rules and the legal order of steps."""
