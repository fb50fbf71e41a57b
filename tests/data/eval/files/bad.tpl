a
${ x