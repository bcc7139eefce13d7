//! What a fit is worth, on prompts that it never saw, beside simpler ways to predict the same labels.
