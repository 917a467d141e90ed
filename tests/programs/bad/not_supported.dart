augment class A {} // expect unsupported: not supported yet

void main() {}
