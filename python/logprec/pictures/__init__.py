"""Pictures of circuits, of attention, and of the cells of a machine."""
