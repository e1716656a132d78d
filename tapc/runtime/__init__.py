"""What touches clock, network and disk: fold, store, ledger, endpoints."""
