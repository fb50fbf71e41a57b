AAA
%{ if true ~}
   x
   y  
%{~ endif }
B