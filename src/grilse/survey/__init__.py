"""What a database says that there is: a farm, the models it is run by, and who stands where."""
