"""Training's arithmetic as machine code that LLVM makes for this processor: forward, back, Adam."""
