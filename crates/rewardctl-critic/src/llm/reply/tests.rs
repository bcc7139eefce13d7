mod forms;
mod laws;
mod probabilities;
mod real;
mod shapes;
