"""The embedded chain: anvil behind a gateway that journals, mines and forwards only what is allowed.

Design sections 2, 5 and 9. Apart from the client, which speaks to any EVM network; this room is only for the one
machine that has none. A single node is tamper-evident, not decentralised.
"""
