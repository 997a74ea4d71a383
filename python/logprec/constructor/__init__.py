"""What asks the proved constructor in Lean for circuits, generators and Turing machines."""
