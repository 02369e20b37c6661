"""The wallet without a screen: keys, credentials, consent.

Front door: ``create_wallet`` and ``open_wallet`` of ``holder.wiring`` (given a ``TrustSettings``) make a ``Wallet``,
whose methods are all a screen or a command needs. Follows OpenID4VCI 1.0 and OpenID4VP 1.0 as the holder's side.
"""
