"""The only room that talks to Label Studio."""
