"""What a person does with a wallet, one verb a file."""
