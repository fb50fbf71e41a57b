a
${x}