"""The wallet without a screen: keys, credentials and consent."""
