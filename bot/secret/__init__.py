"""What causes of the group ``secret`` share: references taken apart, rights judged, repairs. Pure."""
